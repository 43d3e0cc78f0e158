import createClient from 'openapi-fetch'
import type { Task } from 'dialect'
import type { components, paths } from 'generated/openapi-typescript'
import { same } from './same'

type Generated = components['schemas']['Task']
type TaskCreate = components['schemas']['TaskCreate']

same<Generated, Task>()
same<TaskCreate['due_date'], string | number | null | undefined>()
same<TaskCreate['dueDate'], TaskCreate['due_date']>()
same<TaskCreate['tags'], string | string[] | null | undefined>()

const client = createClient<paths>()
const path = { user_id: 'ada' }

const created = await client.POST('/api/{user_id}/tasks', {
  params: { path },
  body: { title: 'Water the plants', due_date: '2030-03-01', priority: 'high', completed: 'no' },
})
same<typeof created.data, Generated | undefined>()
await client.POST('/api/{user_id}/tasks', {
  params: { path },
  // @ts-expect-error A due date is not a boolean.
  body: { title: 'Water the plants', due_date: true },
})
await client.POST('/api/{user_id}/tasks', {
  params: { path },
  // @ts-expect-error A title is required.
  body: { due_date: '2030-03-01' },
})

const list = await client.GET('/api/{user_id}/tasks', {
  params: { path, query: { priority: 'HIGH', completed: 'false', tags: ['home'], limit: 20 } },
})
same<typeof list.data, Generated[] | undefined>()
await client.GET('/api/{user_id}/tasks', {
  // @ts-expect-error A priority is a word.
  params: { path, query: { priority: 1 } },
})
await client.GET('/api/{user_id}/tasks', {
  // @ts-expect-error A limit is a number.
  params: { path, query: { limit: 'all' } },
})
