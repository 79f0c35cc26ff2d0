// The contents: opened by a button on narrow screens, with the section in view marked; and the switch of the theme.
const contents = document.querySelector(".contents");
const contentsToggle = contents.querySelector(".toggle");
const themeSwitch = contents.querySelector(".theme");

function openContents(open) {
  contents.classList.toggle("open", open);
  contentsToggle.setAttribute("aria-expanded", String(open));
}

contentsToggle.addEventListener("click", () => openContents(!contents.classList.contains("open")));
contents.addEventListener("click", event => { if (event.target.closest("a")) openContents(false); });
contents.addEventListener("keydown", event => {
  if (event.key === "Escape" && contents.classList.contains("open")) { openContents(false); contentsToggle.focus(); }
});

function nameTheme() {
  themeSwitch.textContent = isDark() ? "Light" : "Dark";
  themeSwitch.setAttribute("aria-label", isDark() ? "Light colors" : "Dark colors");
}

themeSwitch.addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
document.addEventListener("themechange", nameTheme);
nameTheme();

const sectionLinks = new Map([...contents.querySelectorAll("li a")].map(link => [link.getAttribute("href").slice(1), link]));
const sectionsInView = new Set();
const sectionWatch = new IntersectionObserver(entries => {
  for (const { target, isIntersecting } of entries) {
    const id = target.getAttribute("aria-labelledby") ?? target.id;
    isIntersecting ? sectionsInView.add(id) : sectionsInView.delete(id);
  }
  const current = [...sectionLinks.keys()].find(id => sectionsInView.has(id));
  for (const [id, link] of sectionLinks) id === current ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
}, { rootMargin: "-10% 0px -60% 0px" });
for (const section of document.querySelectorAll("#overview, main > section")) sectionWatch.observe(section);
