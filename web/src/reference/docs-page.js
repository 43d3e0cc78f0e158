// The page as FastAPI sets it up. A token given to "Authorize" is there again after a reload.
SwaggerUIBundle({
  url: document.body.dataset.document,
  dom_id: '#swagger-ui',
  deepLinking: true,
  layout: 'BaseLayout',
  persistAuthorization: true,
  showCommonExtensions: true,
  showExtensions: true,
  // Otherwise a badge is asked for on another server.
  validatorUrl: null,
});
