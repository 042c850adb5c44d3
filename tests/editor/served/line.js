// The way between a page and the server. What is said waits in it, in both directions, and a page
// that is offline reaches nobody.

let made = 0;

export class Line {
  constructor(who) {
    this.who = who;
    this.isOnline = true;
    this.isSlow = false;
    this.up = []; // { connect } | { frame } | { leave }, each of one connection
    this.down = []; // what the server said: { open } | { frame } | { closed }
    this.socket = null;
    this.connection = 0;
    this.isOpen = false; // for the server: the page may not have heard of it
    this.codes = []; // with which the server closed
  }

  dial(socket) {
    if (this.socket) this.drop();
    this.socket = socket;
    if (!this.isOnline) return void setTimeout(() => this.lost(socket));
    this.connection = made += 1;
    this.isOpen = false;
    const client = Number(new URL(socket.url).searchParams.get("client"));
    this.up.push(["connect", this.connection, this.who, client]);
  }

  sent(socket, bytes) {
    if (socket !== this.socket) return;
    this.up.push(["frame", this.connection, Buffer.from(bytes).toString("base64")]);
  }

  hungUp(socket) {
    if (socket !== this.socket) return;
    this.up.push(["leave", this.connection]);
    this.down = [];
    this.socket = null;
    this.isOpen = false;
  }

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

  /** The server said something to one connection. */
  told([kind, connection, ...said]) {
    if (connection !== this.connection) return false;
    if (this.socket) this.down.push([kind, ...said]);
    if (kind !== "frame") this.isOpen = kind === "open";
    if (kind === "closed") this.codes.push(said[0]);
    return true;
  }

  /** The first `count` of what the server said reach the page. */
  deliver(count = Infinity) {
    for (let left = count; left > 0 && this.down.length; left -= 1) {
      const [kind, ...said] = this.down.shift();
      const { socket } = this;
      if (kind === "open") socket.opened();
      else if (kind === "frame") socket.heard(Buffer.from(said[0], "base64"));
      else {
        this.socket = null;
        this.down = []; // a crash tells of those as well that were closed before
        socket.ended(...said);
      }
    }
  }
}
