package auth

import (
	"context"
	"fmt"
	"slices"
)

// trust is that in a secret or a key.
type trust struct {
	// accepted ends when the secret or the key is no longer accepted. Tokens that it has signed are invalid then.
	accepted context.Context
	remove   context.CancelFunc
}

func newTrust() trust {
	accepted, remove := context.WithCancel(context.Background())
	return trust{accepted, remove}
}

// isRemoved reports whether the secret or the key is no longer accepted. There is nothing to remove in a nil trust.
func (s *trust) isRemoved() bool { return s != nil && s.accepted.Err() != nil }

// secret is a shared secret.
type secret struct {
	trust
	text string
}

// SetSecrets replaces the shared secrets, as Config.Secrets has them. Tokens of a secret that is not among the new ones are refused at once, and
// their sessions end; see User.Session. It fails, and changes nothing, for a secret that is too short, and if there would be neither a
// secret nor keys.
func (v *Verifier) SetSecrets(texts []string) error {
	c := v.config
	c.Secrets = texts
	if err := c.check(); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	old := v.secrets()
	set := make([]*secret, len(texts))
	for i, text := range texts {
		if known := slices.IndexFunc(old, func(s *secret) bool { return s.text == text }); known >= 0 {
			set[i] = old[known]
		} else {
			set[i] = &secret{newTrust(), text}
		}
	}
	v.set.Store(&set)
	for _, s := range old {
		if !slices.Contains(set, s) {
			s.remove()
		}
	}
	return nil
}

// secrets returns the shared secrets. The caller must not change them.
func (v *Verifier) secrets() []*secret {
	if set := v.set.Load(); set != nil {
		return *set
	}
	return nil
}

// checkSecrets returns an error if the algorithm is unknown or a secret too short.
func (c Config) checkSecrets() error {
	if !IsSecretAlgorithm(c.Algorithm) {
		return fmt.Errorf("the algorithm %q is none of HS256, HS384 and HS512", c.Algorithm)
	}
	for _, text := range c.Secrets {
		if len(text) < MinSecret {
			return fmt.Errorf("the secret has %d bytes, but needs %d or more", len(text), MinSecret)
		}
	}
	return nil
}

// Session returns a context for a stream of the user. It ends when the token expires, or when the secret or the key that has signed it is no
// longer accepted.
func (u *User) Session(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithDeadline(parent, u.Expires)
	if u.trust != nil {
		stop := context.AfterFunc(u.trust.accepted, cancel)
		context.AfterFunc(ctx, func() { stop() })
	}
	return ctx, cancel
}

// Revoked reports whether the secret or the key that has signed the user's token is no longer accepted.
func (u *User) Revoked() bool { return u.trust.isRemoved() }
