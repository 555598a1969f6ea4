// The lines of the list in their order. The server says of each line where it stands (`place`: rank, key, id) and whether it belongs.
const parse = (place) => {
  const [rank, key, id] = place.split(":");
  return [Number(rank), Number(key), id];
};
const before = (a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0);
const prepare = (row) => Object.freeze({ ...row, order: parse(row.place) });

export const fromServer = (rows) => rows.map(prepare);

export function withMore(rows, more) {
  const known = new Set(more.map((row) => row.id));
  return [...rows.filter((row) => !known.has(row.id)), ...fromServer(more)].sort((a, b) => before(a.order, b.order));
}

// One changed line goes to its place; the others stay as they are, so that nothing else is drawn again.
export function withLine(rows, row) {
  const rest = rows.filter((one) => one.id !== row.id);
  if (!row.belongs) return rest.length === rows.length ? rows : rest;
  const line = prepare(row);
  let low = 0;
  let high = rest.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(rest[middle].order, line.order) < 0) low = middle + 1;
    else high = middle;
  }
  rest.splice(low, 0, line);
  return rest;
}

export const changed = (rows, id, change) => rows.map((row) => (row.id === id ? Object.freeze({ ...row, ...change }) : row));
