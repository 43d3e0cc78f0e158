import { notFound } from 'next/navigation';
import { TaskScreen } from '@/tasks/TaskScreen';
import { views } from '@/tasks/views';

type Props = PageProps<'/[view]'>;

const find = async ({ params }: Props) => {
  const { view: path } = await params;
  return views.find((view) => view.path === path);
};

export async function generateMetadata(props: Props) {
  return { title: (await find(props))?.name };
}

export default async function Page(props: Props) {
  const view = await find(props);
  if (!view) notFound();
  return <TaskScreen key={view.path} path={view.path} />;
}
