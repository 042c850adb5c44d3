// The way between a page and the server. What is said waits in it, in both directions, and a page
// that is offline reaches nobody.

/** @import { OnLine, Told } from "./types.js" */
/** @import { Socket } from "./world.js" */

let made = 0;

export class Line {
  /** @param {number} who */
  constructor(who) {
    this.who = who;
    this.isOnline = true;
    this.isSlow = false;
    /** @type {OnLine[]} */
    this.up = []; // each of one connection
    /** @type {Told[]} */
    this.down = []; // what the server said
    this.goesUp = this.goesDown = 0; // of what waits, where the line is slow
    /** @type {Socket | null} */
    this.socket = null;
    this.connection = 0;
    this.isOpen = false; // for the server: the page may not have heard of it
  }

  /** @param {Socket} socket */
  dial(socket) {
    if (this.socket) this.drop();
    this.socket = socket;
    if (!this.isOnline) return void setTimeout(() => this.lost(socket));
    this.connection = made += 1;
    this.isOpen = false;
    const client = Number(new URL(socket.url).searchParams.get("client"));
    this.up.push(["connect", this.connection, this.who, client]);
  }

  /** @type {(socket: Socket, bytes: Uint8Array) => void} */
  sent(socket, bytes) {
    if (socket !== this.socket) return;
    this.up.push(["frame", this.connection, Buffer.from(bytes).toString("base64")]);
  }

  /** @param {Socket} socket */
  hungUp(socket) {
    if (socket !== this.socket) return;
    this.up.push(["leave", this.connection]);
    this.down = [];
    this.socket = null;
    this.isOpen = false;
  }

  /** @param {Socket} socket */
  lost(socket) {
    if (socket === this.socket) this.socket = null;
    socket.ended(1006);
  }

  /** The connection breaks; what is on its way up gets there or not, what comes down does not. */
  drop(arrives = false) {
    if (!arrives) this.up = this.up.filter(([, connection]) => connection !== this.connection);
    this.down = [];
    if (this.socket) this.up.push(["leave", this.connection]);
    const { socket } = this;
    this.socket = null;
    this.isOpen = false;
    socket?.ended(1006);
  }

  /** Commands for the server: the first `count` of what waits. */
  take(count = Infinity) {
    return this.up.splice(0, count);
  }

  /**
   * The server said something to one connection.
   * @param {Told} said
   */
  told(said) {
    if (said[1] !== this.connection) return;
    if (this.socket) this.down.push(said);
    if (said[0] !== "frame") this.isOpen = said[0] === "open";
  }

  /** The first `count` of what the server said reach the page. */
  deliver(count = Infinity) {
    for (let left = count; left > 0; left -= 1) {
      const said = this.down.shift();
      const { socket } = this;
      if (!said) return;
      if (!socket) throw new Error("something came for nobody");
      if (said[0] === "open") socket.opened();
      else if (said[0] === "frame") socket.heard(Buffer.from(said[2], "base64"));
      else {
        this.socket = null;
        this.down = []; // a crash tells of those as well that were closed before
        socket.ended(said[2], said[3]);
      }
    }
  }
}
