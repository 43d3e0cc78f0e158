package tasks

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"

	"taskql/models"
)

// bookmark is a place in a user's change feed.
type bookmark struct {
	// number is that of the last change before the place.
	number int64
	// snapshot is the number of the last change when the client began with a snapshot; what was removed for
	// good up to it, the client has never heard of.
	snapshot int64
}

// A SyncToken is the base64url form of: a checksum of what follows, of the user and of the database's
// id, which no client knows, so that tokens of another user or database and made-up ones are refused; the number
// and the snapshot as varints.
func (s *Service) token(user string, b bookmark) string {
	text := make([]byte, checksum, checksum+2*binary.MaxVarintLen64)
	text = binary.AppendUvarint(binary.AppendUvarint(text, uint64(b.number)), uint64(b.snapshot))
	copy(text, s.tokenSum(user, text[checksum:]))
	return base64.RawURLEncoding.EncodeToString(text)
}

func (s *Service) tokenSum(user string, values []byte) []byte {
	sum := sha256.Sum256([]byte(s.DatabaseID + "\x00" + user + "\x00" + string(values)))
	return sum[:checksum]
}

// bookmark reads a token.
func (s *Service) bookmark(user, token string) (b bookmark, err error) {
	bad := &models.Error{Code: models.CodeBadSyncToken, Message: "since is not a bookmark of this user's changes in this database."}
	text, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || strings.ContainsAny(token, "\r\n") || len(text) < checksum || string(s.tokenSum(user, text[checksum:])) != string(text[:checksum]) {
		return b, bad
	}
	number, n := binary.Uvarint(text[checksum:])
	if n <= 0 {
		return b, bad
	}
	snapshot, m := binary.Uvarint(text[checksum+n:])
	if m <= 0 || checksum+n+m != len(text) {
		return b, bad
	}
	return bookmark{int64(number), int64(snapshot)}, nil
}
