package graph

import (
	"context"
	"net/http"
	"time"

	"taskql/models"
)

// headerZone is the name of the request header with the default time zone of the operation.
const headerZone = "X-Time-Zone"

type zoneKey struct{}

// withZone returns a context with the time zone of the request's header. It fails with CodeBadUserInput if the name is
// not a time zone, because a result for the wrong day would be worse than an error.
func withZone(ctx context.Context, header http.Header) (context.Context, error) {
	name := header.Get(headerZone)
	if name == "" {
		return ctx, nil
	}
	zone, ok := models.ParseTimeZone(name)
	if !ok {
		return ctx, &models.Error{
			Code: models.CodeBadUserInput, Message: headerZone + " must be an IANA time zone name such as Europe/Berlin.",
		}
	}
	return context.WithValue(ctx, zoneKey{}, zone.Location), nil
}

// zone returns the time zone for a field: its argument, else that of the request's header, else UTC.
func zone(ctx context.Context, argument *models.TimeZone) *time.Location {
	if argument != nil {
		return argument.Location
	}
	if zone, ok := ctx.Value(zoneKey{}).(*time.Location); ok {
		return zone
	}
	return time.UTC
}
