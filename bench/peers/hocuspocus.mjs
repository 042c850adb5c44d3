// The peer: Hocuspocus as its own documentation starts it, in memory, without a store.
// Usage: node --expose-gc hocuspocus.mjs PORT
import { Server } from "@hocuspocus/server";

const server = new Server({ address: "127.0.0.1", port: Number(process.argv[2]), quiet: true });

// So that memory is compared without garbage that Node has not looked at yet.
process.on("SIGUSR2", () => globalThis.gc?.());

// The bench closes this pipe when it ends, however it ends.
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));

await server.listen();
console.log(`node ${process.versions.node}`);
