// Drawn with the text's colour and as large as its line.
const PATHS = {
  today: 'M5 4.5h10a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 15 16.5H5A1.5 1.5 0 0 1 3.5 15V6A1.5 1.5 0 0 1 5 4.5zM3.5 8h13M7 3v3M13 3v3',
  upcoming: 'M10 3a7 7 0 1 1 0 14a7 7 0 0 1 0-14zM10 6v4l2.5 2',
  all: 'M7 5.5h10M7 10h10M7 14.5h10M3 5.5h.5M3 10h.5M3 14.5h.5',
  done: 'M10 3a7 7 0 1 1 0 14a7 7 0 0 1 0-14zM7 10.2l2.2 2.2L13.2 8',
  trash: 'M3.5 5.5h13M8 5.5V3.5h4v2M5.5 5.5l.7 11h7.6l.7-11M8.5 9v4.5M11.5 9v4.5',
  restore: 'M4 8.5h8a4 4 0 0 1 0 8H8M4 8.5L7.5 5M4 8.5L7.5 12',
  grip: 'M7.5 5v.01M12.5 5v.01M7.5 10v.01M12.5 10v.01M7.5 15v.01M12.5 15v.01',
};

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      aria-hidden="true"
      width="20"
      height="20"
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'grip' ? 2 : 1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
