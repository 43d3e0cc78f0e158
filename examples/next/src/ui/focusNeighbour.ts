/** Moves the focus from a control in a row that is about to leave the list to the same control in the row after or before it. */
export function focusNeighbour(control: HTMLElement) {
  const controlsOf = (row: Element | undefined) => [...(row?.querySelectorAll<HTMLElement>('input, button') ?? [])];
  const row = control.closest('li')!;
  const rows = [...document.querySelectorAll('main li')];
  const index = rows.indexOf(row);
  const neighbours = controlsOf(rows[index + 1] ?? rows[index - 1]);
  neighbours[controlsOf(row).indexOf(control)]?.focus();
}
