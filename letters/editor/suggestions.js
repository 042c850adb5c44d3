export { suggestions } from "./suggest/suggestions.js";
