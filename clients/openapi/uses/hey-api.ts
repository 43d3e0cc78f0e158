import type { Task } from 'dialect'
import { createTask, listTasks, type Task as Generated, type TaskCreate } from 'generated/hey-api'
import { same } from './same'

same<Generated, Task>()
same<TaskCreate['due_date'], string | number | null | undefined>()
same<TaskCreate['dueDate'], TaskCreate['due_date']>()
same<TaskCreate['tags'], string | string[] | null | undefined>()

const path = { user_id: 'ada' }

const created = await createTask({
  path,
  body: { title: 'Water the plants', due_date: '2030-03-01', priority: 'high', completed: 'no' },
})
same<typeof created.data, Generated | undefined>()
// @ts-expect-error A due date is not a boolean.
await createTask({ path, body: { title: 'Water the plants', due_date: true } })
// @ts-expect-error A title is required.
await createTask({ path, body: { due_date: '2030-03-01' } })

const list = await listTasks({ path, query: { priority: 'HIGH', completed: 'false', tags: ['home'], limit: 20 } })
same<typeof list.data, Generated[] | undefined>()
// @ts-expect-error A priority is a word.
await listTasks({ path, query: { priority: 1 } })
// @ts-expect-error A limit is a number.
await listTasks({ path, query: { limit: 'all' } })
