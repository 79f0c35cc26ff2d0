// Tables: a click on a heading sorts the rows, and a field above a long table searches them.
const SHORT_TABLE = 8; // rows; shorter tables have no search

function sortable(table) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      for (const other of heading.parentNode.cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = row => row.cells[column].dataset.value ?? row.cells[column].textContent;
      const missing = row => key(row) === "nan";
      const compare = (a, b) => heading.classList.contains("number") ? key(a) - key(b)
        : key(a).localeCompare(key(b), undefined, { numeric: true });
      const rows = [...body.rows];
      rows.sort((a, b) => missing(a) - missing(b) || (missing(a) ? 0 : (down ? -1 : 1) * compare(a, b)));
      body.append(...rows);
    });
  });
}

function searchable(table) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length <= SHORT_TABLE) return;
  const bar = document.createElement("div"), label = document.createElement("label");
  const input = document.createElement("input"), shown = document.createElement("output");
  bar.className = "search";
  input.type = "search";
  input.placeholder = "words in a row";
  label.append("Search ", input);
  bar.append(label, shown);
  table.closest(".scroll").before(bar);
  const search = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every(word => text.includes(word));
      count += !row.hidden;
    }
    shown.textContent = words.length ? `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows` : "";
  };
  input.addEventListener("input", search);
  addEventListener("hashchange", () => { // a claim links to a row that a search has hidden
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target?.hidden && table.contains(target)) { input.value = ""; search(); target.scrollIntoView(); }
  });
}

for (const table of document.querySelectorAll("table.sortable")) { sortable(table); searchable(table); }
