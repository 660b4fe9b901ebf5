/**
 * The part of Python's pickle that a saved dictionary of tensors uses, as data. Nothing is run: what a pickle may name are the few things in
 * `GLOBALS`, and "calling" one makes a value of `Pickled`. Any other name, opcode or shape of the data is refused in one line.
 *
 * Promise: memory and time are proportional to the pickle; reading ends at STOP, which must be the last byte.
 */
import { UserError } from "../failure.js";
import { utf8Decode } from "../text/utf8.js";
import { shown } from "./json.js";

/** A run of numbers that lies elsewhere: its type as torch names it (FloatStorage), its key, and how many. */
export interface StorageRef {
  readonly kind: "storage";
  readonly type: string;
  readonly key: string;
  readonly length: number;
}

export interface TensorRef {
  readonly kind: "tensor";
  readonly storage: StorageRef;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

export interface Dictionary {
  readonly kind: "dict";
  readonly entries: Map<string, Pickled>;
}

interface Global {
  readonly kind: "global";
  readonly name: string;
}

interface Tuple {
  readonly kind: "tuple";
  readonly items: readonly Pickled[];
}

export type Pickled = null | boolean | number | string | StorageRef | TensorRef | Dictionary | Global | Tuple;

const STORAGES = ["FloatStorage", "DoubleStorage", "LongStorage", "IntStorage"];
const GLOBALS = [
  "collections OrderedDict",
  "torch._utils _rebuild_tensor_v2",
  "torch._utils _rebuild_parameter",
  ...STORAGES.map((name) => `torch ${name}`),
];
/** On the stack before what a tuple or a dictionary collects. */
const MARK = Symbol("mark");

/** @throws UserError saying at which byte and why */
export function readPickle(bytes: Uint8Array): Pickled {
  return new Reader(bytes).read();
}

class Reader {
  private at = 0;
  private readonly stack: (Pickled | typeof MARK)[] = [];
  private readonly memo = new Map<number, Pickled>();
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  read(): Pickled {
    for (;;) {
      const opcode = this.uint8();
      if (opcode === 0x2e) {
        const result = this.pop();
        if (this.stack.length > 0) this.wrong(`${this.stack.length} values are left`);
        if (this.at < this.bytes.length) this.wrong(`${this.bytes.length - this.at} bytes follow its end`);
        return result;
      }
      this.step(opcode);
    }
  }

  private step(opcode: number): void {
    const { stack } = this;
    switch (opcode) {
      case 0x80: {
        const protocol = this.uint8();
        if (protocol < 2 || protocol > 5) this.wrong(`protocol ${protocol} isn't read; 2 to 5 are`);
        return;
      }
      case 0x95: // FRAME: lengths are checked read by read
        this.take(8);
        return;
      case 0x28:
        stack.push(MARK);
        return;
      case 0x4e:
        stack.push(null);
        return;
      case 0x88:
      case 0x89:
        stack.push(opcode === 0x88);
        return;
      case 0x4b:
        stack.push(this.uint8());
        return;
      case 0x4d:
        stack.push(this.view.getUint16(this.take(2), true));
        return;
      case 0x4a:
        stack.push(this.view.getInt32(this.take(4), true));
        return;
      case 0x8a:
        stack.push(this.long(this.uint8()));
        return;
      case 0x58:
        stack.push(this.text(this.uint32()));
        return;
      case 0x8c:
        stack.push(this.text(this.uint8()));
        return;
      case 0x63:
        stack.push(this.global(this.line(), this.line()));
        return;
      case 0x93: {
        const name = this.pop();
        const module = this.pop();
        if (typeof name !== "string" || typeof module !== "string") this.wrong("a name isn't a string");
        stack.push(this.global(module, name));
        return;
      }
      case 0x71:
        this.memo.set(this.uint8(), this.top());
        return;
      case 0x72:
        this.memo.set(this.uint32(), this.top());
        return;
      case 0x94:
        this.memo.set(this.memo.size, this.top());
        return;
      case 0x68:
        stack.push(this.remembered(this.uint8()));
        return;
      case 0x6a:
        stack.push(this.remembered(this.uint32()));
        return;
      case 0x29:
        stack.push({ kind: "tuple", items: [] });
        return;
      case 0x85:
      case 0x86:
      case 0x87: {
        const items = [];
        for (let n = opcode - 0x84; n > 0; n--) items.unshift(this.pop());
        stack.push({ kind: "tuple", items });
        return;
      }
      case 0x74:
        stack.push({ kind: "tuple", items: this.toMark() });
        return;
      case 0x7d:
        stack.push({ kind: "dict", entries: new Map() });
        return;
      case 0x73: {
        const value = this.pop();
        this.setItems([this.pop(), value]);
        return;
      }
      case 0x75:
        this.setItems(this.toMark());
        return;
      case 0x51:
        stack.push(this.storage(this.pop()));
        return;
      case 0x52: {
        const args = this.pop();
        stack.push(this.reduced(this.pop(), args));
        return;
      }
      case 0x62: {
        // What a dictionary carries beside its entries (torch: versions of modules) decides nothing.
        this.pop();
        const subject = this.top();
        if (!isKind(subject, "dict")) this.wrong("it sets the state of something that isn't a dictionary");
        return;
      }
      default:
        this.wrong(
          `opcode 0x${opcode.toString(16).padStart(2, "0")} isn't one that a dictionary of tensors needs`,
        );
    }
  }

  private global(module: string, name: string): Global {
    const full = `${module} ${name}`;
    if (!GLOBALS.includes(full))
      this.wrong(
        `it names ${shown(`${module}.${name}`)}; allowed are ${GLOBALS.map((g) => g.replace(" ", ".")).join(", ")}`,
      );
    return { kind: "global", name };
  }

  private storage(id: Pickled): StorageRef {
    const [word, type, key, place, length] = isKind(id, "tuple") ? id.items : [];
    if (word !== "storage" || !isKind(type, "global") || !STORAGES.includes(type.name))
      return this.wrong("a reference to something that isn't a tensor's storage");
    if (typeof key !== "string" || typeof place !== "string" || !isCount(length))
      return this.wrong("a storage without key, place or length");
    return { kind: "storage", type: type.name, key, length };
  }

  private reduced(callee: Pickled, args: Pickled): Pickled {
    if (!isKind(callee, "global") || !isKind(args, "tuple"))
      return this.wrong("a call of something that can't be called");
    const { items } = args;
    if (callee.name === "OrderedDict" && items.length === 0) return { kind: "dict", entries: new Map() };
    if (callee.name === "_rebuild_parameter" && isKind(items[0], "tensor")) return items[0];
    const [storage, offset, shape, strides] = items;
    if (
      callee.name !== "_rebuild_tensor_v2" ||
      !isKind(storage, "storage") ||
      !isCount(offset) ||
      !isCounts(shape) ||
      !isCounts(strides) ||
      shape.items.length !== strides.items.length
    )
      return this.wrong(`${callee.name} is called with something else than it takes`);
    return { kind: "tensor", storage, offset, shape: shape.items, strides: strides.items };
  }

  private setItems(items: readonly Pickled[]): void {
    const target = this.top();
    if (!isKind(target, "dict") || items.length % 2 !== 0)
      this.wrong("entries of something that isn't a dictionary");
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i]!;
      if (typeof key !== "string") this.wrong("a key isn't a string");
      if (target.entries.has(key)) this.wrong(`the key ${shown(key)} is set twice`);
      target.entries.set(key, items[i + 1]!);
    }
  }

  private toMark(): Pickled[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) this.wrong("a mark is missing");
    return this.stack.splice(mark).slice(1) as Pickled[];
  }

  private pop(): Pickled {
    const value = this.stack.pop();
    if (value === undefined || value === MARK) return this.wrong("a value is missing");
    return value as Pickled;
  }

  private top(): Pickled {
    const value = this.stack.at(-1);
    if (value === undefined || value === MARK) return this.wrong("a value is missing");
    return value as Pickled;
  }

  private remembered(key: number): Pickled {
    const value = this.memo.get(key);
    return value === undefined ? this.wrong(`nothing is remembered as ${key}`) : value;
  }

  /** Where `length` bytes begin that are read hereby. */
  private take(length: number): number {
    const from = this.at;
    if (length > this.bytes.length - from)
      this.wrong(`${length} bytes are needed, ${this.bytes.length - from} are left`);
    this.at += length;
    return from;
  }

  private uint8(): number {
    return this.bytes[this.take(1)]!;
  }

  private uint32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  private long(length: number): number {
    const from = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[from + i]!);
    const signed = Number(BigInt.asIntN(8 * length, value));
    return Number.isSafeInteger(signed) ? signed : this.wrong(`the integer ${signed} is too large`);
  }

  private text(length: number): string {
    const from = this.take(length);
    return utf8Decode(this.bytes.subarray(from, from + length));
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) this.wrong("a name isn't ended");
    const text = this.text(end - this.at);
    this.at++;
    return text;
  }

  private wrong(what: string): never {
    throw new UserError(`the pickle isn't a dictionary of tensors: at byte ${this.at}, ${what}`);
  }
}

/** Whether a value is one of that kind. */
export function isKind<K extends "storage" | "tensor" | "dict" | "global" | "tuple">(
  value: Pickled | undefined,
  kind: K,
): value is Extract<Pickled, { readonly kind: K }> {
  return typeof value === "object" && value !== null && value.kind === kind;
}

function isCount(value: Pickled | undefined): value is number {
  return typeof value === "number" && value >= 0;
}

function isCounts(value: Pickled | undefined): value is Tuple & { readonly items: readonly number[] } {
  return isKind(value, "tuple") && value.items.every(isCount);
}
