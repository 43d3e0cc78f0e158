// Package auth says who is calling: it verifies access tokens and puts their user into the context.
package auth

import (
	"context"
	"time"

	"taskql/models"
)

// User is the signed-in user as the access token describes them. GraphQL: Viewer.
type User struct {
	// ID is the token's subject; never empty.
	ID string
	// Name and Email are nil where the token has no such claim, and so is CreatedAt, which is in the
	// form the auth server gave it.
	Name, Email, CreatedAt *string
	// Expires is when the token expires, at most 100 years from its verification. New requests are accepted for 15
	// seconds longer; streams end then.
	Expires time.Time
}

type contextKey struct{}

// NewContext returns a context that carries the signed-in user.
func NewContext(ctx context.Context, user *User) context.Context {
	return context.WithValue(ctx, contextKey{}, user)
}

// FromContext returns the signed-in user, or a models.CodeUnauthenticated error when there is none.
func FromContext(ctx context.Context) (*User, error) {
	if user, ok := ctx.Value(contextKey{}).(*User); ok {
		return user, nil
	}
	return nil, &models.Error{Code: models.CodeUnauthenticated, Message: "Sign in to do this."}
}
