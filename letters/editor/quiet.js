// Takes the place of lib0/logging in what the browser loads (see "bundle" in package.json): Yjs
// writes one line with it, in colours, and it would bring 9 KB.
export const print = () => {};
export const warn = print;
export const printError = print;
export const createModuleLogger = () => print;
export const [BOLD, UNBOLD, BLUE, GREY, GREEN, RED, PURPLE, ORANGE, UNCOLOR] = Array(9).fill("");
