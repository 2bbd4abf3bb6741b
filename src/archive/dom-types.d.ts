// Names of the browser that age-encryption's declarations mention: this program is checked without a browser's types.
type CryptoKey = import('node:crypto').webcrypto.CryptoKey;
type AuthenticationExtensionsPRFValues = Readonly<Record<'first' | 'second', ArrayBuffer>>;
