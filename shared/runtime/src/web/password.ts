/** Passwords: which are refused, and how they are kept (scrypt, RFC 7914). */
import { scrypt, timingSafeEqual } from "node:crypto";

/** Characters. */
export const passwordLengthMin = 10;
export const passwordLengthMax = 200;

/** N, r and p of scrypt: 32 MiB and some tens of milliseconds a guess. */
const cost = { N: 2 ** 15, r: 8, p: 1 } as const;
const costMemoryMax = 64 * 1024 * 1024; // bytes
const keySize = 32; // bytes
export const saltSize = 16; // bytes

/** Words every guesser tries first. Compared after digits and signs are taken away. */
const obvious = new Set(
  "password passwort passwd letmein welcome qwerty qwertyuiop qwertz asdfghjkl admin administrator root operator supervisor engineer viewer changeme default secret weir plant water".split(
    " ",
  ),
);
const rows = ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];

/** Why `password` may not be used by `user`: one sentence, or undefined when it may. */
export function passwordFlaw(password: string, user: string): string | undefined {
  if (password.length < passwordLengthMin)
    return `the password has ${password.length} characters; give at least ${passwordLengthMin}`;
  if (password.length > passwordLengthMax)
    return `the password has ${password.length} characters; give at most ${passwordLengthMax}`;
  const plain = password.toLowerCase();
  if (new Set(plain).size < 5)
    return "the password repeats the same few characters; use at least 5 different ones";
  if (user.length >= 3 && plain.includes(user.toLowerCase()))
    return "the password contains the user name; choose another";
  const letters = plain
    .replace(/[^a-z]+$/, "")
    .replaceAll("0", "o")
    .replaceAll("@", "a")
    .replace(/[^a-z]/g, "");
  if (obvious.has(letters) || obvious.has(halfOf(letters)))
    return "the password is one of the first that are guessed; choose another";
  if (isRun(plain)) return "the password is a run of neighbouring keys; choose another";
  return undefined;
}

/** "adminadmin" is "admin". */
function halfOf(text: string): string {
  const half = text.slice(0, text.length / 2);
  return half + half === text ? half : text;
}

/** Whether all of it is one row of the keyboard or alphabet, forwards or backwards. */
function isRun(text: string): boolean {
  const reversed = [...text].reverse().join("");
  return rows.some((row) => (row + row).includes(text) || (row + row).includes(reversed));
}

/** "scrypt$N$r$p$salt$key", the last two base64url. */
export async function hashPassword(password: string, salt: Uint8Array): Promise<string> {
  const key = await derive(password, salt, cost);
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
  return ["scrypt", cost.N, cost.r, cost.p, text(salt), text(key)].join("$");
}

/** Takes as long for a wrong password as for the right one. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [kind, N, r, p, salt, key] = stored.split("$");
  if (kind !== "scrypt" || salt === undefined || key === undefined) return false;
  const expected = Buffer.from(key, "base64url");
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const given = await derive(password, Buffer.from(salt, "base64url"), cost);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function derive(
  password: string,
  salt: Uint8Array,
  costs: { N: number; r: number; p: number },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // NFC, so that an é typed on another keyboard is the same é.
    scrypt(
      password.normalize("NFC"),
      salt,
      keySize,
      { ...costs, maxmem: costMemoryMax },
      (error, key) => (error ? reject(error) : resolve(key)),
    );
  });
}
