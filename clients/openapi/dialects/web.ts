/** A task as REST_DIALECT=web writes it. */
export type Task = {
  id: number
  user_id: string
  title: string
  description: string | null
  priority: 'high' | 'medium' | 'low' | 'urgent' | 'critical' | 'none' | 'normal' | 'P1' | 'P2' | 'P3' | 'P4'
  tags: string[]
  due_date: string | null
  completed: boolean
  created_at: string
  updated_at: string
  is_completed: boolean
  status: 'completed' | 'pending'
  userId: string
  dueDate: string | null
  createdAt: string
  updatedAt: string
  category?: string
}
