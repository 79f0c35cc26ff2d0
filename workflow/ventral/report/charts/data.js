// Rows of the tables that the page embeds once, by column, in <script type="application/json" id="chart-data">.
const chartData = (() => {
  const tables = JSON.parse(document.getElementById("chart-data").textContent);
  const made = {};
  const cells = column => column.codes ? column.codes.map(code => column.levels[code] ?? null) : column;

  /** The rows of a table as objects. Charts add fields to their rows, so that each gets copies. */
  function rows(name) {
    if (!made[name]) {
      const columns = Object.entries(tables[name]).map(([field, column]) => [field, cells(column)]);
      const count = columns.length ? columns[0][1].length : 0;
      made[name] = Array.from({ length: count }, (_, i) =>
        Object.fromEntries(columns.map(([field, column]) => [field, column[i]])));
    }
    return made[name].map(row => ({ ...row }));
  }

  /** A Vega-Lite specification with the rows of the tables that it names. */
  function filled(spec) {
    const names = new Set();
    JSON.stringify(spec, (key, value) => {
      if (key === "data" && value?.name) names.add(value.name);
      return value;
    });
    return { ...spec, datasets: Object.fromEntries([...names].map(name => [name, rows(name)])) };
  }

  return { rows, filled };
})();
