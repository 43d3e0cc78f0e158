package graph

import (
	"context"
	"net/http"
	"time"

	"taskql/models"
)

// headerZone names the request header with the time zone of the query.
const headerZone = "X-Time-Zone"

type zoneKey struct{}

// withZone puts the zone of the request's header into the context. A name that is no zone is
// CodeBadUserInput: a wrong "today" would be worse than no answer.
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

// zone is the time zone of a field: its argument, else the request's header, else UTC.
func zone(ctx context.Context, argument *models.TimeZone) *time.Location {
	if argument != nil {
		return argument.Location
	}
	if zone, ok := ctx.Value(zoneKey{}).(*time.Location); ok {
		return zone
	}
	return time.UTC
}
