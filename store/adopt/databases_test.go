package adopt_test

import (
	"testing"

	"taskql/store/adopt"
	"taskql/store/storetest"
)

// oldDatabase is a database as a FastAPI backend leaves it, in the words of SQLAlchemy's CreateTable.
// Where only one kind of database can have it so, the other is empty.
type oldDatabase struct {
	name, postgres, sqlite string
	table                  string
	// kept are columns that are not to change, beside title and, unless renumbered has the old ids in the order of the new ones, id.
	kept       string
	renumbered []string
	// dropped is an index or a foreign key that cannot stay.
	dropped string
	// both is run on both, after the one above.
	both string
	// counts are what the plan says of the rows, unless empty.
	counts adopt.Counts
	// want are the rows after taking them over, as tasksIn has them.
	want []string
}

const naive, tz = "TIMESTAMP WITHOUT TIME ZONE", "TIMESTAMP WITH TIME ZONE"

func oldDatabases() []oldDatabase {
	return []oldDatabase{
		{
			name: "of SQLModel's tutorials", table: "task", kept: ", description",
			postgres: `CREATE TABLE task (id SERIAL NOT NULL, user_id VARCHAR NOT NULL, title VARCHAR(200) NOT NULL, description VARCHAR(1000), completed BOOLEAN NOT NULL,
				created_at ` + naive + ` NOT NULL, updated_at ` + naive + ` NOT NULL, PRIMARY KEY (id));
				CREATE INDEX ix_task_user_id ON task (user_id); CREATE INDEX ix_task_completed ON task (completed);`,
			sqlite: `CREATE TABLE task (id INTEGER NOT NULL, user_id VARCHAR NOT NULL, title VARCHAR(200) NOT NULL, description VARCHAR(1000), completed BOOLEAN NOT NULL,
				created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, PRIMARY KEY (id));
				CREATE INDEX ix_task_user_id ON task (user_id); CREATE INDEX ix_task_completed ON task (completed);`,
			both: `INSERT INTO task (id, user_id, title, description, completed, created_at, updated_at) VALUES
				(1, 'ada', 'first', NULL, TRUE, '2026-01-15 17:00:00.123456', '2026-01-16 08:00:00'),
				(2, 'bob', 'of another', '', FALSE, '2026-01-15 17:00:00', '2026-01-15 17:00:00.500000'),
				(3, 'ada', '  ? ''quoted'' é " $1 ', 'two` + "\n" + `lines', FALSE, '2025-12-31 23:59:59.999999', '2025-12-31 23:59:59.999999'),
				(9, 'ada', '', '', FALSE, '2026-01-15 17:00:00.123456', '2026-01-15 17:00:00.123456');`,
			want: []string{
				`1|ada|first|-|MEDIUM|[]|-|-|1|2026-01-15 17:00:00.123456|2026-01-16 08:00:00|2026-01-16 08:00:00|h999999999999997|2`,
				`2|bob|of another||MEDIUM|[]|-|-|0|2026-01-15 17:00:00|2026-01-15 17:00:00.5|-|h999999999999998|1`,
				"3|ada|  ? 'quoted' é \" $1 |two\nlines|MEDIUM|[]|-|-|0|2025-12-31 23:59:59.999999|2025-12-31 23:59:59.999999|-|h999999999999998|1",
				`9|ada|||MEDIUM|[]|-|-|0|2026-01-15 17:00:00.123456|2026-01-15 17:00:00.123456|-|h999999999999996|3`,
			},
		},
		{
			name: "with every field and a foreign key to UUIDs", table: "tasks", kept: ", description, category",
			postgres: `CREATE TYPE priority AS ENUM ('HIGH', 'MEDIUM', 'LOW');
				CREATE TABLE users (id UUID NOT NULL, email VARCHAR NOT NULL, PRIMARY KEY (id));
				INSERT INTO users VALUES ('0b6f6b1c-93cf-4d0c-a9d7-6b1f7a0c1d2e', 'a@example.com');
				CREATE TABLE tasks (id BIGSERIAL NOT NULL, user_id UUID NOT NULL, title VARCHAR NOT NULL, description TEXT, priority priority DEFAULT 'MEDIUM',
				tags JSON, due_date ` + tz + `, completed BOOLEAN DEFAULT false, created_at ` + tz + ` DEFAULT now() NOT NULL, updated_at ` + tz + `, category VARCHAR NOT NULL,
				PRIMARY KEY (id), FOREIGN KEY(user_id) REFERENCES users (id));
				CREATE INDEX ix_tasks_user_id ON tasks (user_id); CREATE INDEX ix_tasks_priority ON tasks (priority); SET timezone = 'UTC';`,
			sqlite: `CREATE TABLE users (id CHAR(32) NOT NULL, email VARCHAR NOT NULL, PRIMARY KEY (id));
				INSERT INTO users VALUES ('0b6f6b1c93cf4d0ca9d76b1f7a0c1d2e', 'a@example.com');
				CREATE TABLE tasks (
	id INTEGER NOT NULL, 
	user_id CHAR(32) NOT NULL, 
	title VARCHAR NOT NULL, 
	description TEXT, 
	priority VARCHAR(6), 
	tags JSON, 
	due_date DATETIME, 
	completed BOOLEAN DEFAULT 0, 
	created_at DATETIME DEFAULT (CURRENT_TIMESTAMP) NOT NULL, 
	updated_at DATETIME, 
	category VARCHAR NOT NULL, -- theirs, as it was
	PRIMARY KEY (id), 
	CONSTRAINT priority CHECK (priority IN ('HIGH', 'MEDIUM', 'LOW')), 
	FOREIGN KEY(user_id) REFERENCES users (id)
);
				CREATE INDEX ix_tasks_user_id ON tasks (user_id); CREATE INDEX ix_tasks_priority ON tasks (priority);`,
			both: `INSERT INTO tasks (id, user_id, title, priority, tags, due_date, completed, created_at, updated_at, category) VALUES
				(1, '0b6f6b1c93cf4d0ca9d76b1f7a0c1d2e', 'a', 'HIGH', '["x", "X", " y ", ""]', '2026-02-01 00:00:00+00:00', TRUE, '2026-01-01 00:00:00+00:00', NULL, 'home'),
				(2, '0b6f6b1c93cf4d0ca9d76b1f7a0c1d2e', 'b', NULL, 'null', '2026-02-01 10:30:00+02:00', NULL, '2026-01-01 00:00:00+00:00', '2026-01-02 00:00:00+00:00', 'work'),
				(3, '0b6f6b1c93cf4d0ca9d76b1f7a0c1d2e', 'c', 'LOW', NULL, NULL, FALSE, '2025-01-01 00:00:00+00:00', '2026-01-02 00:00:00+00:00', '');`,
			want: []string{
				`1|0b6f6b1c-93cf-4d0c-a9d7-6b1f7a0c1d2e|a|-|HIGH|["x","y","category:home"]|2026-02-01 00:00:00|DATE|1|2026-01-01 00:00:00|2026-01-01 00:00:00|2026-01-01 00:00:00|h999999999999997|2`,
				`2|0b6f6b1c-93cf-4d0c-a9d7-6b1f7a0c1d2e|b|-|MEDIUM|["category:work"]|2026-02-01 08:30:00|INSTANT|0|2026-01-01 00:00:00|2026-01-02 00:00:00|-|h999999999999996|3`,
				`3|0b6f6b1c-93cf-4d0c-a9d7-6b1f7a0c1d2e|c|-|LOW|[]|-|-|0|2025-01-01 00:00:00|2026-01-02 00:00:00|-|h999999999999998|1`,
			},
		},
		{
			name: "with words as text", table: "tasks", kept: ", description",
			postgres: `CREATE TABLE tasks (id INTEGER GENERATED BY DEFAULT AS IDENTITY, user_id INTEGER NOT NULL, title TEXT NOT NULL, description TEXT,
				priority VARCHAR(10) CHECK (priority IN ('high', 'medium', 'low')), tags VARCHAR(20) DEFAULT '' NOT NULL, due_date VARCHAR, completed BOOLEAN NOT NULL,
				created_at ` + naive + `, updated_at ` + naive + `, completed_at ` + naive + `, deleted_at ` + naive + `, PRIMARY KEY (id));`,
			sqlite: `CREATE TABLE "tasks" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "user_id" INTEGER NOT NULL, "title" TEXT NOT NULL, "description" TEXT,
				"priority" VARCHAR(10) CHECK ("priority" IN ('high', 'medium', 'low')), "tags" VARCHAR(20) DEFAULT '' NOT NULL, "due_date" VARCHAR, "completed" BOOLEAN NOT NULL,
				"created_at" DATETIME, "updated_at" DATETIME, "completed_at" DATETIME, "deleted_at" DATETIME);`,
			both: `INSERT INTO tasks (id, user_id, title, priority, tags, due_date, completed, created_at, updated_at, completed_at, deleted_at) VALUES
				(1, 42, 'a', 'high', 'home, Home,, work ', '2026-02-01', FALSE, '2026-01-01 00:00:00', '2026-01-01 00:00:00', '2026-01-01 00:00:00', NULL),
				(2, 42, 'b', 'low', '', '2026-02-01T00:00:00', TRUE, '2026-01-02 00:00:00', '2026-01-05 00:00:00', '2026-01-03 00:00:00', NULL),
				(3, 42, 'c', 'medium', '["ä","Ä","д","Д"]', '2026-02-01T10:30', TRUE, NULL, '2026-01-03 00:00:00', NULL, '2026-01-04 00:00:00'),
				(4, 7, 'd', NULL, 'null', '2026-02-01T10:30:15.25Z', FALSE, '2026-01-03 00:00:00', NULL, NULL, NULL),
				(5, 7, 'e', 'low', '[]', '', FALSE, '2026-01-04 00:00:00', NULL, NULL, NULL);`,
			want: []string{
				`1|42|a|-|HIGH|["home","work"]|2026-02-01 00:00:00|DATE|0|2026-01-01 00:00:00|2026-01-01 00:00:00|-|h999999999999998|1`,
				`2|42|b|-|LOW|[]|2026-02-01 00:00:00|DATE|1|2026-01-02 00:00:00|2026-01-05 00:00:00|2026-01-03 00:00:00|h999999999999997|2`,
				`3|42|c|-|MEDIUM|["ä","д"]|2026-02-01 10:30:00|LOCAL|1|2026-01-03 00:00:00|2026-01-03 00:00:00|2026-01-03 00:00:00|h999999999999996|3|2026-01-04 00:00:00`,
				`4|7|d|-|MEDIUM|[]|2026-02-01 10:30:15.25|INSTANT|0|2026-01-03 00:00:00|2026-01-03 00:00:00|-|h999999999999998|1`,
				`5|7|e|-|LOW|[]|-|-|0|2026-01-04 00:00:00|2026-01-04 00:00:00|-|h999999999999997|2`,
			},
		},
		{
			name: "with days, lists and other tables that point at it", table: "task", kept: ", description, category_id, parent_id, rank", dropped: "ix_tags",
			postgres: `CREATE TYPE taskpriority AS ENUM ('high', 'medium', 'low');
				CREATE TABLE category (id SERIAL NOT NULL, name VARCHAR NOT NULL, PRIMARY KEY (id)); INSERT INTO category (name) VALUES ('c');
				CREATE TABLE task (id SERIAL NOT NULL, user_id VARCHAR NOT NULL, title VARCHAR NOT NULL, description VARCHAR, priority taskpriority NOT NULL,
				tags TEXT[], due_date DATE, completed BOOLEAN NOT NULL, created_at ` + naive + ` NOT NULL, updated_at ` + naive + ` NOT NULL,
				category_id INTEGER, parent_id INTEGER, rank DOUBLE PRECISION DEFAULT 1.5 NOT NULL, PRIMARY KEY (id), UNIQUE (user_id, title),
				FOREIGN KEY(category_id) REFERENCES category (id), FOREIGN KEY(parent_id) REFERENCES task (id) ON DELETE CASCADE);
				CREATE INDEX ix_tags ON task USING gin (tags); CREATE INDEX ix_open ON task (due_date) WHERE NOT completed;
				CREATE TABLE task_tag (task_id INTEGER NOT NULL REFERENCES task (id) ON DELETE CASCADE, tag VARCHAR NOT NULL, PRIMARY KEY (task_id, tag));
				INSERT INTO task VALUES (1, 'ada', 'a', NULL, 'high', '{x,"y,z",X}', '2026-02-01', FALSE, '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1, 2, 2),
					(2, 'ada', 'b', NULL, 'low', NULL, NULL, FALSE, '2026-01-02 00:00:00', '2026-01-02 00:00:00', NULL, 1, 1.5);`,
			sqlite: `CREATE TABLE category (id INTEGER NOT NULL, name VARCHAR NOT NULL, PRIMARY KEY (id)); INSERT INTO category (name) VALUES ('c');
				CREATE TABLE task (id INTEGER NOT NULL, user_id VARCHAR NOT NULL, title VARCHAR NOT NULL, description VARCHAR, priority VARCHAR(6) NOT NULL,
				tags TEXT, due_date DATE, completed BOOLEAN NOT NULL, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL,
				category_id INTEGER, parent_id INTEGER, rank FLOAT DEFAULT 1.5 NOT NULL, PRIMARY KEY (id), UNIQUE (user_id, title),
				FOREIGN KEY(category_id) REFERENCES category (id), FOREIGN KEY(parent_id) REFERENCES task (id) ON DELETE CASCADE);
				CREATE INDEX ix_open ON task (due_date) WHERE NOT completed;
				CREATE TABLE task_tag (task_id INTEGER NOT NULL REFERENCES task (id) ON DELETE CASCADE, tag VARCHAR NOT NULL, PRIMARY KEY (task_id, tag));
				CREATE VIEW open_tasks AS SELECT id, title FROM task WHERE NOT completed;
				INSERT INTO task VALUES (1, 'ada', 'a', NULL, 'high', '["x","y,z","X"]', '2026-02-01', 0, '2026-01-01T00:00:00', '2026-01-01 00:00:00.000000', 1, 2, 2),
					(2, 'ada', 'b', NULL, 'low', NULL, NULL, 0, '2026-01-02 00:00:00', '2026-01-02 00:00:00', NULL, 1, 1.5);`,
			both: `INSERT INTO task_tag VALUES (1, 'x'), (2, 'y');`,
			want: []string{
				`1|ada|a|-|HIGH|["x","y,z"]|2026-02-01 00:00:00|DATE|0|2026-01-01 00:00:00|2026-01-01 00:00:00|-|h999999999999998|1`,
				`2|ada|b|-|LOW|[]|-|-|0|2026-01-02 00:00:00|2026-01-02 00:00:00|-|h999999999999997|2`,
			},
		},
		{
			name: "with jsonb and numbers as flags", table: "task", dropped: "ix_task_tags",
			postgres: `CREATE TABLE task (id BIGINT NOT NULL, user_id CHAR(5) NOT NULL, title TEXT NOT NULL, completed INTEGER, tags JSONB DEFAULT '[]' NOT NULL,
				priority VARCHAR DEFAULT 'Medium', PRIMARY KEY (id)); CREATE INDEX ix_task_tags ON task USING gin (tags);`,
			sqlite: `CREATE TABLE [task] (id BIGINT NOT NULL, [user_id] CHAR(5) NOT NULL, title TEXT NOT NULL, completed INTEGER, tags JSON DEFAULT '[]' NOT NULL,
				` + "`priority`" + ` VARCHAR DEFAULT 'Medium', CONSTRAINT pk PRIMARY KEY (id)); CREATE INDEX ix_task_tags ON task (tags);`,
			both: `INSERT INTO task (id, user_id, title, completed, tags) VALUES (5, 'ada', 'a', 1, '["b", "a"]'), (4, 'ada', 'b', 0, 'null'), (6, 'ada', 'c', NULL, '[]');`,
			want: []string{
				`4|ada|b|-|MEDIUM|[]|-|-|0|now|now|-|h999999999999998|1`,
				`5|ada|a|-|MEDIUM|["b","a"]|-|-|1|now|now|now|h999999999999997|2`,
				`6|ada|c|-|MEDIUM|[]|-|-|0|now|now|-|h999999999999996|3`,
			},
		},
		{
			name: "with UUIDs, native enums, a status and a parent", table: "tasks", kept: ", description, status, parent_task_id, reminder_sent",
			renumbered: []string{"aaaaaaaa-93cf-4d0c-a9d7-6b1f7a0c1d2e", "10000000-93cf-4d0c-a9d7-6b1f7a0c1d2e", "0b6f6b1c-93cf-4d0c-a9d7-6b1f7a0c1d2e", "f0000000-93cf-4d0c-a9d7-6b1f7a0c1d2e"},
			dropped:    "FOREIGN KEY (parent_task_id) REFERENCES tasks(id) ON DELETE SET NULL",
			postgres: `CREATE TYPE taskstatus AS ENUM ('TODO', 'IN_PROGRESS', 'DONE'); CREATE TYPE taskpriority AS ENUM ('LOW', 'MEDIUM', 'HIGH', 'URGENT');
				CREATE TABLE users (id UUID NOT NULL, email VARCHAR(255) NOT NULL, PRIMARY KEY (id));
				INSERT INTO users VALUES ('0b6f6b1c-93cf-4d0c-a9d7-6b1f7a0c1d2e', 'a@example.com');
				CREATE TABLE tasks (id UUID DEFAULT gen_random_uuid() NOT NULL, user_id UUID NOT NULL, title VARCHAR(500) NOT NULL, description VARCHAR, status taskstatus NOT NULL,
				priority taskpriority NOT NULL, tags VARCHAR[] DEFAULT '{}' NOT NULL, due_at ` + tz + `, parent_task_id UUID, reminder_sent BOOLEAN DEFAULT false NOT NULL,
				created_at ` + naive + ` NOT NULL, updated_at ` + naive + ` NOT NULL, PRIMARY KEY (id), FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
				FOREIGN KEY(parent_task_id) REFERENCES tasks (id) ON DELETE SET NULL);
				CREATE INDEX ix_tasks_id ON tasks (id); CREATE INDEX ix_tasks_status ON tasks (status); SET timezone = 'UTC';`,
			sqlite: `CREATE TABLE users (id CHAR(32) NOT NULL, email VARCHAR(255) NOT NULL, PRIMARY KEY (id));
				INSERT INTO users VALUES ('0b6f6b1c93cf4d0ca9d76b1f7a0c1d2e', 'a@example.com');
				CREATE TABLE tasks (id CHAR(32) NOT NULL, user_id CHAR(32) NOT NULL, title VARCHAR(500) NOT NULL, description VARCHAR, status VARCHAR(11) NOT NULL,
				priority VARCHAR(6) NOT NULL, tags JSON DEFAULT '[]' NOT NULL, due_at DATETIME, parent_task_id CHAR(32), reminder_sent BOOLEAN DEFAULT 0 NOT NULL,
				created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, PRIMARY KEY (id), FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
				FOREIGN KEY(parent_task_id) REFERENCES tasks (id) ON DELETE SET NULL);
				CREATE INDEX ix_tasks_id ON tasks (id); CREATE INDEX ix_tasks_status ON tasks (status);`,
			both: `INSERT INTO tasks (id, user_id, title, status, priority, due_at, parent_task_id, created_at, updated_at) VALUES
				('aaaaaaaa93cf4d0ca9d76b1f7a0c1d2e', '0b6f6b1c93cf4d0ca9d76b1f7a0c1d2e', 'a', 'DONE', 'URGENT', '2026-02-01 10:30:00+00:00', NULL, '2026-01-01 00:00:00', '2026-01-02 00:00:00'),
				('1000000093cf4d0ca9d76b1f7a0c1d2e', '0b6f6b1c93cf4d0ca9d76b1f7a0c1d2e', 'b', 'TODO', 'LOW', '2026-02-01 00:00:00+00:00', 'aaaaaaaa93cf4d0ca9d76b1f7a0c1d2e', '2026-01-02 00:00:00', '2026-01-02 00:00:00'),
				('0b6f6b1c93cf4d0ca9d76b1f7a0c1d2e', '0b6f6b1c93cf4d0ca9d76b1f7a0c1d2e', 'c', 'IN_PROGRESS', 'MEDIUM', NULL, NULL, '2026-01-03 00:00:00', '2026-01-03 00:00:00'),
				('f000000093cf4d0ca9d76b1f7a0c1d2e', '0b6f6b1c93cf4d0ca9d76b1f7a0c1d2e', 'd', 'DONE', 'HIGH', NULL, NULL, '2026-01-03 00:00:00', '2026-01-03 00:00:00');`,
			want: []string{
				`1|0b6f6b1c-93cf-4d0c-a9d7-6b1f7a0c1d2e|a|-|HIGH|["priority:urgent"]|2026-02-01 10:30:00|INSTANT|1|2026-01-01 00:00:00|2026-01-02 00:00:00|2026-01-02 00:00:00|h999999999999998|1`,
				`2|0b6f6b1c-93cf-4d0c-a9d7-6b1f7a0c1d2e|b|-|LOW|[]|2026-02-01 00:00:00|DATE|0|2026-01-02 00:00:00|2026-01-02 00:00:00|-|h999999999999997|2`,
				`3|0b6f6b1c-93cf-4d0c-a9d7-6b1f7a0c1d2e|c|-|MEDIUM|[]|-|-|0|2026-01-03 00:00:00|2026-01-03 00:00:00|-|h999999999999996|3`,
				`4|0b6f6b1c-93cf-4d0c-a9d7-6b1f7a0c1d2e|d|-|HIGH|[]|-|-|1|2026-01-03 00:00:00|2026-01-03 00:00:00|2026-01-03 00:00:00|h999999999999995|4`,
			},
		},
		{
			name: "with texts as ids and names in camel case", table: "task", kept: `, description, category, status, "isDeleted"`, renumbered: []string{"clx9", "Q-1", "ä/?"},
			counts: adopt.Counts{Rows: 3, Priorities: 3, PriorityWords: 3, Tags: 2, Days: 1, Times: 1, Categories: 2, LongCategories: 1, Contradictions: 1, Trashed: 1},
			postgres: `CREATE TABLE task (id VARCHAR(36) NOT NULL, "userId" VARCHAR NOT NULL, title VARCHAR NOT NULL, description VARCHAR, category VARCHAR NOT NULL,
				status VARCHAR DEFAULT 'pending' NOT NULL, "isCompleted" BOOLEAN NOT NULL, "isDeleted" BOOLEAN DEFAULT false NOT NULL, priority VARCHAR, tags VARCHAR, "dueDate" ` + naive + `,
				"createdAt" ` + naive + ` NOT NULL, "updatedAt" ` + naive + ` NOT NULL, PRIMARY KEY (id), UNIQUE ("userId", title));
				CREATE INDEX "ix_task_userId" ON task ("userId"); CREATE INDEX ix_due ON task ("dueDate", category) WHERE "dueDate" IS NOT NULL;`,
			sqlite: `CREATE TABLE task (id VARCHAR(36) NOT NULL, "userId" VARCHAR NOT NULL, title VARCHAR NOT NULL, description VARCHAR, category VARCHAR NOT NULL,
				status VARCHAR DEFAULT 'pending' NOT NULL, "isCompleted" BOOLEAN NOT NULL, "isDeleted" BOOLEAN DEFAULT false NOT NULL, priority VARCHAR, tags VARCHAR, "dueDate" DATETIME,
				"createdAt" DATETIME NOT NULL, "updatedAt" DATETIME NOT NULL, PRIMARY KEY (id), UNIQUE ("userId", title));
				CREATE INDEX "ix_task_userId" ON task ("userId"); CREATE INDEX ix_due ON task (dueDate, category) WHERE "dueDate" IS NOT NULL;`,
			both: `INSERT INTO task (id, "userId", title, category, status, "isCompleted", "isDeleted", priority, tags, "dueDate", "createdAt", "updatedAt") VALUES
				('clx9', 'ada', 'a', 'home', 'cancelled', TRUE, FALSE, 'urgent', '["x"]', '2026-02-01 00:00:00', '2026-01-01 00:00:00', '2026-01-02 00:00:00'),
				('Q-1', 'ada', 'b', 'work', 'completed', FALSE, TRUE, 'none', NULL, NULL, '2026-01-02 00:00:00', '2026-01-02 00:00:00'),
				('ä/?', 'bob', 'c', 'of more than the 41 characters that fit in tags', 'completed', TRUE, FALSE, 'P4', NULL, '2026-02-01 09:00:00', '2026-01-03 00:00:00', '2026-01-03 00:00:00');`,
			want: []string{
				`1|ada|a|-|HIGH|["x","category:home","priority:urgent"]|2026-02-01 00:00:00|DATE|1|2026-01-01 00:00:00|2026-01-02 00:00:00|2026-01-02 00:00:00|h999999999999998|1`,
				`2|ada|b|-|MEDIUM|["category:work","priority:none"]|-|-|0|2026-01-02 00:00:00|2026-01-02 00:00:00|-|h999999999999997|2|now`,
				`3|bob|c|-|LOW|["priority:P4"]|2026-02-01 09:00:00|LOCAL|1|2026-01-03 00:00:00|2026-01-03 00:00:00|2026-01-03 00:00:00|h999999999999998|1`,
			},
		},
	}
}

// make creates the database.
func (d oldDatabase) make(t testing.TB, url string) {
	t.Helper()
	text := d.sqlite
	if storetest.IsPostgres(url) {
		text = d.postgres
	}
	storetest.Exec(t, url, text+d.both)
}
