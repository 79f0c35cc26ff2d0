// The map offers only networks that have relations across what is chosen: a menu entry without cells cannot be chosen.
drawers.relation_map = async (element, spec) => {
  const view = await draw(element, spec), known = {};
  for (const { across, condition } of chartData.rows("map")) (known[across] ??= new Set()).add(condition);
  const offer = () => {
    const there = known[view.signal("across")];
    const options = [...element.querySelectorAll("select[name=condition] option")];
    for (const option of options) option.disabled = !there.has(option.value);
    if (there.has(view.signal("condition"))) return;
    const others = options.map(option => option.value).filter(name => there.has(name));
    const apart = others.find(name => name !== "all networks"); // trained and untrained ones together only if they must be
    view.signal("condition", apart ?? others[0]).runAsync();
  };
  view.addSignalListener("across", offer);
  offer();
};
