import type { Task } from 'dialect'
import { createTask, listTasks, type Task as Generated, type TaskCreate } from 'generated/orval'
import { same } from './same'

same<Generated, Task>()
same<TaskCreate['due_date'], string | number | null | undefined>()
same<TaskCreate['dueDate'], TaskCreate['due_date']>()
same<TaskCreate['tags'], string | string[] | null | undefined>()

const created = await createTask('ada', { title: 'Water the plants', due_date: '2030-03-01', priority: 'high', completed: 'no' })
if (created.status === 201) {
  same<typeof created.data, Generated>()
} else if (created.status === 422) {
  same<(typeof created.data.detail)[number]['loc'], (string | number)[]>()
}
// @ts-expect-error A due date is not a boolean.
await createTask('ada', { title: 'Water the plants', due_date: true })
// @ts-expect-error A title is required.
await createTask('ada', { due_date: '2030-03-01' })

const list = await listTasks('ada', { priority: 'HIGH', completed: 'false', tags: ['home'], limit: 20 })
if (list.status === 200) {
  same<typeof list.data, Generated[]>()
}
// @ts-expect-error A priority is a word.
await listTasks('ada', { priority: 1 })
// @ts-expect-error A limit is a number.
await listTasks('ada', { limit: 'all' })
