/**
 * The value, where the code before it has made sure that there is one.
 * @throws TypeError where there is none after all: a mistake in the program, not in what it was given
 */
export function present<T>(value: T): NonNullable<T> {
  return value ?? absent();
}

function absent(): never {
  throw new TypeError("a value that must be there is missing");
}
