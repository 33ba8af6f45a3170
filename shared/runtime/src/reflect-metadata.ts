/**
 * The three functions of the Reflect Metadata proposal that @peculiar/x509's container (tsyringe) asks
 * for at import; without them it refuses to load. Import this before it.
 */

type Key = PropertyKey;
interface MetadataReflect {
  getMetadata?(key: Key, target: object): unknown;
  getOwnMetadata?(key: Key, target: object): unknown;
  defineMetadata?(key: Key, value: unknown, target: object): void;
}

const store = new WeakMap<object, Map<Key, unknown>>();
const reflect = Reflect as MetadataReflect;

if (!reflect.getMetadata) {
  reflect.getOwnMetadata = (key, target) => store.get(target)?.get(key);
  reflect.getMetadata = (key, target) => {
    for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
      if (store.get(at)?.has(key)) return store.get(at)?.get(key);
    }
    return undefined;
  };
  reflect.defineMetadata = (key, value, target) => {
    const own = store.get(target) ?? new Map<Key, unknown>();
    store.set(target, own.set(key, value));
  };
}
