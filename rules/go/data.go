// Patterns for data: queries, migrations of formats, templates. Parts of functions that compile; nothing calls them.

package patterns

import (
	"context"
	"database/sql"
	"html/template"
	"io"
	"os/exec"
)

func query(ctx context.Context, db *sql.DB, id int64) (name string, err error) {
	// pattern: query
	row := db.QueryRowContext(ctx, "SELECT name FROM customers WHERE id = $1", id)
	err = row.Scan(&name) // nothing is loaded later by touching an attribute
	// end
	return name, err
}

func explicit(ctx context.Context, save, notify func(context.Context) error) error {
	// pattern: explicit-call
	if err := save(ctx); err != nil {
		return err
	}
	return notify(ctx) // what a signal handler did behind the scenes
	// end
}

func outbox(ctx context.Context, tx *sql.Tx, event []byte) error {
	// pattern: outbox
	_, err := tx.ExecContext(ctx, "INSERT INTO outbox (event) VALUES ($1)", event)
	if err != nil {
		return err
	}
	return tx.Commit() // one owner writes the table; others hear of it
	// end
}

func render(w io.Writer, page *template.Template, name string) error {
	// pattern: template
	err := page.Execute(w, map[string]string{"Name": name}) // html/template: another language than Jinja's or Django's
	// end
	return err
}

func beside(ctx context.Context, input string) ([]byte, error) {
	// pattern: beside-python
	command := exec.CommandContext(ctx, "python3", "-m", "model", input) // or an RPC to what stays in Python
	// end
	return command.Output()
}
