import type { NextConfig } from 'next';

const config: NextConfig = {
  // libsql loads a native module, which must stay outside of the bundle.
  serverExternalPackages: ['libsql'],
  poweredByHeader: false,
  devIndicators: false,
  // The repository around this example has a lockfile of its own; this folder is the whole application.
  turbopack: { root: import.meta.dirname },
};

export default config;
