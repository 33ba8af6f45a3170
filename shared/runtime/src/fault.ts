/**
 * Operating errors: a stable code, a sentence with the values in it, and whether a retry can help.
 * Programmer errors are assertions and crash; these are expected and handled.
 *
 * Each package has one catalogue, `faults.ts`, and throws its own class made of it.
 */

/** What a fault of one code says, and whether the same try can succeed later. */
export interface FaultEntry<Facts> {
  readonly retry: boolean;
  /** The sentence for the person, with what to do about it. */
  readonly text: (facts: Facts) => string;
}

/** The codes of one package. Codes are never reused. */
export type FaultCatalogue = Readonly<Record<string, FaultEntry<never>>>;

type CodeOf<Catalogue> = keyof Catalogue & string;

/** A sentence without values takes none; every other needs each of its own, and nothing else. */
type ValuesOf<Text> = Text extends () => string
  ? NoValues
  : Text extends (values: infer Values) => string
    ? Values
    : never;

type NoValues = Readonly<Record<string, never>>;

type Given<Text> = Text extends () => string
  ? [values?: NoValues, options?: ErrorOptions]
  : [values: ValuesOf<Text>, options?: ErrorOptions];

/** A fault of any package: what prints, logs and answers faults needs to know. */
export abstract class Fault<
  Code extends string = string,
  Values = Readonly<Record<string, unknown>>,
> extends Error {
  abstract readonly code: Code;
  abstract readonly retry: boolean;
  /** The values in the sentence. */
  abstract readonly facts: Values;
}

type FaultOf<Catalogue extends FaultCatalogue, Code extends CodeOf<Catalogue>> = Fault<
  Code,
  ValuesOf<Catalogue[Code]["text"]>
>;

/** The faults of one catalogue: a code that is not in it, or a value that is missing, does not compile. */
export interface FaultClass<Catalogue extends FaultCatalogue> {
  new <Code extends CodeOf<Catalogue>>(
    code: Code,
    ...given: Given<Catalogue[Code]["text"]>
  ): FaultOf<Catalogue, Code>;
  /** Says whether `error` is a fault of this code. */
  is<Code extends CodeOf<Catalogue>>(error: unknown, code: Code): error is FaultOf<Catalogue, Code>;
}

/** Makes the fault class of a package out of its catalogue. */
export function faultClass<Catalogue extends FaultCatalogue>(
  catalogue: Catalogue,
): FaultClass<Catalogue> {
  class FaultOfCatalogue extends Fault {
    readonly code: CodeOf<Catalogue>;
    readonly retry: boolean;
    readonly facts: Readonly<Record<string, unknown>>;

    static is = (error: unknown, code: string) => error instanceof Fault && error.code === code;

    constructor(code: CodeOf<Catalogue>, values: object = {}, options?: ErrorOptions) {
      const { retry, text }: Catalogue[keyof Catalogue] = catalogue[code];
      super(text(values as never), options);
      this.name = "Fault";
      this.code = code;
      this.retry = retry;
      this.facts = { ...values };
    }
  }
  // The class is loose inside, its type is what holds at every place that throws.
  return FaultOfCatalogue as unknown as FaultClass<Catalogue>;
}

/** Says whether `error` is an operating error of any package; everything else is a bug. */
export const isFault = (error: unknown): error is Fault => error instanceof Fault;
