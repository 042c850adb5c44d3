// Takes the place of lib0/logging and lib0/environment in what the browser loads (see "bundle" in
// package.json): Yjs writes one line with the one, in colours, and asks the other whether it is
// being developed. They would bring 10 KB.
export const print = () => {};
export const warn = print;
export const printError = print;
export const createModuleLogger = () => print;
export const [BOLD, UNBOLD, BLUE, GREY, GREEN, RED, PURPLE, ORANGE, UNCOLOR] = Array(9).fill("");
export const getVariable = () => null;
