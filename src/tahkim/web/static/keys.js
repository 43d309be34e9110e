// Keys by their place on the keyboard, so that they are the same under an Arabic layout.

/** What was pressed, such as "1", "j", "shift+u", "ctrl+arrowleft"; letters and digits by place, others by name. */
export function pressed(event) {
  const place = /^(?:Key|Digit|Numpad)(\w)$/.exec(event.code);
  const names = { BracketLeft: "[", BracketRight: "]", Comma: ",", Period: ".", Slash: "/" };
  const name = place ? place[1].toLowerCase() : names[event.code] || event.key.toLowerCase();
  const modifiers = [
    ["ctrl+", event.ctrlKey || event.metaKey],
    ["alt+", event.altKey],
    ["shift+", event.shiftKey],
  ];
  return modifiers.map(([text, on]) => (on ? text : "")).join("") + name;
}
