/** A task as REST_DIALECT=seed writes it. */
export type Task = {
  id: number
  user_id: string
  title: string
  description: string | null
  priority: 'HIGH' | 'MEDIUM' | 'LOW'
  tags: string
  due_date: string | null
  completed: boolean
  created_at: string
  updated_at: string
}
