/** On a phone the rows of a change list become cards; each value then needs the words of its column beside it. */

function titles(table) {
  const found = new Map();
  table.tHead?.querySelectorAll("th").forEach((header) => {
    const name = [...header.classList].find((one) => one.startsWith("column-"));
    if (name) found.set(name.replace("column-", "field-"), header.textContent.trim());
  });
  return found;
}

export function start() {
  const table = document.getElementById("result_list");
  if (!table) return;
  const words = titles(table);
  table.querySelectorAll("tbody td").forEach((cell) => {
    const name = [...cell.classList].find((one) => words.has(one));
    if (name) cell.dataset.label = words.get(name);
  });
}
