package tasks

import "taskql/models"

type Page struct{ Tasks []*models.Task; Total int }
func (p *Page) Nodes() []*models.Task { return p.Tasks }
func (p *Page) Edges() []*Edge { return nil }
func (p *Page) PageInfo() *PageInfo { return nil }
func (p *Page) TotalCount() int { return 0 }
type Edge struct { Node *models.Task }
func (e *Edge) Cursor() string { return "" }
type PageInfo struct { HasNextPage, HasPreviousPage bool; StartCursor, EndCursor *string }
