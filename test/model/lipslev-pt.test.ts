import { UserError } from "../../src/failure.js";
import { readLipslevFolder } from "../../src/model/lipslev-folder.js";
import { readPickle } from "../../src/model/lipslev-pickle.js";
import { readTorchTensors } from "../../src/model/lipslev-pt.js";
import { sha256 } from "../certify/lipslev/shared.js";
import { seeded } from "../oracle/random-model.js";
import { PT_FILES } from "./lipslev-pt-files.js";

const file = (name: keyof typeof PT_FILES) => new Uint8Array(Buffer.from(PT_FILES[name], "base64"));

test.each(["two", "four"] as const)("a state dictionary in protocol %s", (name) => {
  const tensors = readTorchTensors(file(name));
  expect([...tensors.keys()]).toEqual(["emb.weight", "conv0.weight", "C.weight"]);
  expect(tensors.get("emb.weight")).toEqual({
    dtype: "F32",
    shape: [3, 2],
    data: Float32Array.of(0, 0, 1, 0.5, -1, 0.25),
  });
  expect(tensors.get("conv0.weight")!.shape).toEqual([3, 2, 2]);
  // Stored column by column, from the third number on.
  expect(tensors.get("C.weight")).toEqual({
    dtype: "F64",
    shape: [2, 3],
    data: Float64Array.of(1, -1, 0.5, 0.25, 1, -1),
  });
});

test.each<[keyof typeof PT_FILES, string]>([
  ["system", '.system"; allowed are collections.OrderedDict'],
  ["eval", '.print"; allowed are collections.OrderedDict'],
  ["half", '"torch.HalfStorage"; allowed are'],
  ["packed", "is packed by method 8; allowed is 0 (stored)"],
  ["beyond", 'the tensor "a" of shape [2] and strides [1] at 1 goes beyond its 2 numbers'],
  ["zeroStride", "goes beyond its 2 numbers"],
  ["short", "has a storage of 8 bytes; 3 numbers take 12"],
  ["absent", 'the archive has no "m/data/5"'],
  ["nested", '"state" in the pickle isn\'t a tensor'],
  ["list", "opcode 0x5d isn't one that a dictionary of tensors needs"],
  ["number", "the pickle isn't a dictionary of tensors, but some other value"],
])("%s is refused in one line", (name, message) => {
  const read = () => readTorchTensors(file(name));
  expect(read).toThrow(UserError);
  expect(read).toThrow(message);
  expect(read).not.toThrow("\n");
});

test("damaged files are refused, or read, but never crash", () => {
  const random = seeded(21);
  const whole = file("two");
  let refused = 0;
  for (let n = 0; n < 3000; n++) {
    const damaged = n % 3 === 0 ? whole.slice(0, Math.floor(random() * whole.length)) : whole.slice();
    const changes = n % 3 === 0 ? 0 : 1 + Math.floor(random() * 3);
    for (let i = 0; i < changes; i++)
      damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
    try {
      readTorchTensors(damaged);
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(1500);
});

test("damaged pickles are refused, or read, but never crash", () => {
  // Inside an archive a checksum would catch all of these.
  const archive = Buffer.from(file("four"));
  const pickle = new Uint8Array(
    archive.subarray(archive.indexOf(Buffer.from([0x80, 4, 0x95])), archive.indexOf("little") - 36),
  );
  const end = pickle.lastIndexOf(0x2e, pickle.indexOf(0x50, pickle.length - 20)) + 1;
  const whole = pickle.slice(0, end);
  expect(readPickle(whole)).toMatchObject({ kind: "dict" });
  const random = seeded(22);
  let refused = 0;
  for (let n = 0; n < 5000; n++) {
    const damaged = whole.slice();
    for (let i = 0; i < 1 + (n % 3); i++)
      damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
    try {
      readPickle(damaged);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(2500);
});

test("a folder with model.pt is the same model as with model.safetensors", async () => {
  const config = {
    architecture: "lipslev-conv",
    p: 2,
    reduce: "sum",
    kernel_size: 2,
    num_hidden_layers: 1,
    embed_size: 2,
    hidden_size: 3,
    hidden_act: "relu",
    num_labels: 2,
    id2label: { 0: "no", 1: "yes" },
    max_characters: 4,
    vocab_file: "char_to_id.json",
  };
  const json = (value: object) => new Uint8Array(Buffer.from(JSON.stringify(value)));
  const read = (name: keyof typeof PT_FILES) => {
    const files: Readonly<Record<string, Uint8Array>> = {
      "config.json": json(config),
      "char_to_id.json": json({ a: 1, b: 2 }),
      "model.pt": file(name),
    };
    return readLipslevFolder(async (path) => files[path] ?? null, sha256, "tiny", "folder");
  };
  const model = await read("two");
  expect(model.predict("abab").scores[0]).not.toBe(0);
  expect((await read("four")).identity).toEqual(model.identity);
  await expect(read("nested")).rejects.toThrow('folder/model.pt: "state" in the pickle');
  await expect(read("short")).rejects.toThrow("folder/model.pt: ");
});
