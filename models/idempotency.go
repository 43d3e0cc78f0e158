package models

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// An idempotency key has MinIdempotencyKey to MaxIdempotencyKey characters. The minimum keeps clients from using
// keys that are not unique. A key is valid for IdempotencyKeyLifetime after its first write.
const (
	MinIdempotencyKey      = 16
	MaxIdempotencyKey      = 128
	IdempotencyKeyLifetime = 24 * time.Hour
)

// CheckIdempotencyKey checks a key; nil stands for no key and is valid. It returns TOO_SHORT, TOO_LONG or INVALID_FORMAT at
// the path "idempotencyKey".
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

// IdempotencyKeyReused returns an IDEMPOTENCY_KEY_REUSED error: the key was used for a write with other arguments.
func IdempotencyKeyReused() UserErrors {
	return UserErrors{InvalidInput{
		Code: UserErrorCodeIdempotencyKeyReused, Message: "The idempotency key was used for a different write.",
		Field: []string{"idempotencyKey"},
	}}
}

// PurgedAfterWrite returns a NOT_FOUND error at "idempotencyKey": the task of the first write with the key has been
// purged since, so that it cannot be returned again.
func PurgedAfterWrite(id int64) UserErrors {
	return UserErrors{TaskNotFound{
		Code: UserErrorCodeNotFound, Message: "The write was done before, but its task has been permanently deleted since.",
		Field: []string{"idempotencyKey"}, TaskID: strconv.FormatInt(id, 10),
	}}
}
