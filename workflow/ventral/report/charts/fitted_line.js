// Least squares and Pearson's r of points, with 95 % intervals from a jackknife that leaves out one family: for the line
// as it is, and for r by Fisher's z, each with Student's t of families - 1 degrees of freedom.
const STEPS = 40; // of a line

/**
 * points: [{x, y, family}]; scales: {xlog, ylog}; t: the .975 quantile of Student's t by the number of families, from the
 * fewest that have an interval to the most that are listed.
 * Gives {line: [{x, y, low, high}], r, low, high}; low and high are null without an interval, and a line without three
 * points, or without spread, is empty.
 */
function fittedLine(points, scales, t) {
  const forth = log => log ? Math.log : value => value, back = log => log ? Math.exp : value => value;
  const rows = points.map(({ x, y, family }) => ({ x: forth(scales.xlog)(x), y: forth(scales.ylog)(y), family }));
  const whole = leastSquares(rows);
  if (rows.length < 3 || !Number.isFinite(whole.r)) return { line: [], r: NaN, low: null, high: null };
  const families = [...new Set(rows.map(row => row.family))], most = Math.max(...Object.keys(t));
  const quantile = t[Math.min(families.length, most)];
  const without = quantile ? families.map(family => leastSquares(rows.filter(row => row.family !== family))) : [];
  const known = quantile && without.every(fit => Number.isFinite(fit.r));
  const half = values => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return quantile * Math.sqrt((values.length - 1) / values.length * values.reduce((sum, v) => sum + (v - mean) ** 2, 0));
  };
  const xs = rows.map(row => row.x), start = Math.min(...xs), end = Math.max(...xs);
  const line = Array.from({ length: STEPS + 1 }, (_, i) => {
    const x = start + (end - start) * i / STEPS, y = whole.at(x), room = known ? half(without.map(fit => fit.at(x))) : null;
    const [xBack, yBack] = [back(scales.xlog), back(scales.ylog)];
    return { x: xBack(x), y: yBack(y), low: known ? yBack(y - room) : null, high: known ? yBack(y + room) : null };
  });
  const z = value => Math.atanh(Math.max(-0.9999999, Math.min(0.9999999, value)));
  const room = known ? half(without.map(fit => z(fit.r))) : null;
  return { line, r: whole.r, low: known ? Math.tanh(z(whole.r) - room) : null, high: known ? Math.tanh(z(whole.r) + room) : null };
}

/** The line y = at(x) through points, and Pearson's r; NaN where x or y has no spread. */
function leastSquares(rows) {
  const mean = name => rows.reduce((sum, row) => sum + row[name], 0) / rows.length;
  const x = mean("x"), y = mean("y");
  const product = (a, b) => rows.reduce((sum, row) => sum + a(row) * b(row), 0);
  const dx = row => row.x - x, dy = row => row.y - y;
  const xx = product(dx, dx), yy = product(dy, dy), xy = product(dx, dy);
  return { at: value => y + xy / xx * (value - x), r: xy / Math.sqrt(xx * yy) };
}
