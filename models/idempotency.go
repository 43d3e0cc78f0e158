package models

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// An idempotency key has MinIdempotencyKey to MaxIdempotencyKey characters: a shorter one would not
// be unique. It holds for IdempotencyKeyLifetime after its first write.
const (
	MinIdempotencyKey      = 16
	MaxIdempotencyKey      = 128
	IdempotencyKeyLifetime = 24 * time.Hour
)

// CheckIdempotencyKey returns what is wrong with a key, at "idempotencyKey". No key, which is nil, is fine.
func CheckIdempotencyKey(key *string) UserErrors {
	if key == nil {
		return nil
	}
	fail := func(code UserErrorCode, message string, limit *int) UserErrors {
		return UserErrors{InvalidInput{Code: code, Message: message, Field: []string{"idempotencyKey"}, Limit: limit}}
	}
	least, most := MinIdempotencyKey, MaxIdempotencyKey
	switch length := utf8.RuneCountInString(*key); {
	case !utf8.ValidString(*key):
		return fail(UserErrorCodeInvalidFormat, "The idempotency key is not valid UTF-8.", nil)
	case strings.ContainsRune(*key, 0):
		return fail(UserErrorCodeInvalidFormat, "The idempotency key contains a NUL character.", nil)
	case length < least:
		return fail(UserErrorCodeTooShort, "The idempotency key has fewer than "+strconv.Itoa(least)+" characters.", &least)
	case length > most:
		return fail(UserErrorCodeTooLong, "The idempotency key has more than "+strconv.Itoa(most)+" characters.", &most)
	}
	return nil
}

// IdempotencyKeyReused says that the key came with another request before.
func IdempotencyKeyReused() UserErrors {
	return UserErrors{InvalidInput{
		Code: UserErrorCodeIdempotencyKeyReused, Message: "The idempotency key was used for a different write.",
		Field: []string{"idempotencyKey"},
	}}
}

// GoneSince says that the task which the first write with the key returned was removed for good since.
func GoneSince(id int64) UserErrors {
	return UserErrors{TaskNotFound{
		Code: UserErrorCodeNotFound, Message: "The write was done, but its task was removed for good since.",
		Field: []string{"idempotencyKey"}, TaskID: strconv.FormatInt(id, 10),
	}}
}
