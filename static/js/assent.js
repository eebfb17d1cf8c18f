// Pages work without this file. It makes some things smoother: menus that close by themselves,
// changes that are spoken and leave the keyboard where it is, and forms that are sent once.

const announcer = document.querySelector("[data-announcer]");
let announced = "";

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

function announce(part) {
  const words = part.querySelector("[data-announce]")?.textContent.trim() ?? "";
  if (words && words !== announced) announcer.textContent = announced = words;
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

document.addEventListener("keydown", (event) => {
  const menu = document.querySelector("details.menu[open]");
  if (event.key !== "Escape" || !menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A second click on a slow line must not do the act twice. Only the repeat is stopped: a disabled
// button would lose its name and value, and stay disabled after a download.
const sentAt = new WeakMap();
document.addEventListener("submit", (event) => {
  if (event.timeStamp - (sentAt.get(event.target) ?? -Infinity) < 2000) event.preventDefault();
  else sentAt.set(event.target, event.timeStamp);
});

// A part that renews itself must not take the keyboard away from the button it stands on.
let held = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  held = event.target.contains(document.activeElement) ? document.activeElement.outerHTML : "";
});

document.addEventListener("htmx:afterSettle", (event) => {
  announce(event.target);
  if (held) [...event.target.querySelectorAll("a, button, summary")].find((it) => it.outerHTML === held)?.focus();
});
