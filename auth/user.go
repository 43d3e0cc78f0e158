// Package auth verifies access tokens and stores the signed-in user in the request's context.
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
	// Name, Email and CreatedAt are nil if the token has no such claim. CreatedAt is the claim's text, not parsed.
	Name, Email, CreatedAt *string
	// Expires is when the token expires, at most 100 years after its verification. Streams end at that time. New requests
	// are accepted for another 15 seconds, because clocks differ.
	Expires time.Time
	// ForAgents states that the token is for agents alone: Middleware and Socket refuse it. Agents can do less than other clients.
	ForAgents bool

	// trust is what has signed the token, nil for a user without a token.
	trust *trust
}

type contextKey struct{}

// NewContext returns a context that carries the signed-in user.
func NewContext(ctx context.Context, user *User) context.Context {
	return context.WithValue(ctx, contextKey{}, user)
}

// FromContext returns the signed-in user, or a models.CodeUnauthenticated error if there is none.
func FromContext(ctx context.Context) (*User, error) {
	if user, ok := ctx.Value(contextKey{}).(*User); ok {
		return user, nil
	}
	return nil, &models.Error{Code: models.CodeUnauthenticated, Message: "Sign in to do this."}
}

// ID returns the id of the user whose request ctx belongs to, or "".
func ID(ctx context.Context) string {
	user, err := FromContext(ctx)
	if err != nil {
		return ""
	}
	return user.ID
}
