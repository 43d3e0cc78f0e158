// System fonts stand in for those of ReDoc's theme, which a page would have to load.
const sans = 'system-ui, sans-serif';
Redoc.init(
  document.body.dataset.document,
  {
    expandResponses: '200,201',
    theme: {
      typography: {
        fontFamily: sans,
        headings: { fontFamily: sans },
        code: { fontFamily: 'ui-monospace, monospace' },
      },
    },
  },
  document.getElementById('redoc'),
);
