// Package auth says who is calling: it verifies access tokens and puts their user into the context.
package auth

import (
	"context"

	"taskql/models"
)

// User is the signed-in user as the access token describes them. GraphQL: Viewer.
type User struct {
	// ID is the token's subject; never empty.
	ID string
	// Name and Email are nil where the token has no such claim.
	Name  *string
	Email *string
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
