package config

import (
	"errors"
	"fmt"

	"taskql/fastapi"
)

// checkDialect accepts a dialect of REST and a word for an open task.
func checkDialect(c *Config, v variables) error {
	if c.RESTDialect != "seed" && c.RESTDialect != "web" {
		return fmt.Errorf("REST_DIALECT is %q, but must be seed or web", v.RESTDialect)
	}
	if done, ok := fastapi.ParseStatus(c.RESTOpenStatus); done || !ok {
		return fmt.Errorf("REST_OPEN_STATUS is %q, but must be a word for an open task: pending, todo, in_progress, incomplete, active or open", v.RESTOpenStatus)
	}
	return nil
}

// checkDocuments sets the files of trusted documents, and whether all others are refused.
func checkDocuments(c *Config, v variables) error {
	c.TrustedDocuments = trimmed(v.TrustedDocuments)
	switch v.TrustedOnly {
	case "true", "on":
		c.TrustedOnly = true
	case "false", "off":
	default:
		return fmt.Errorf("TRUSTED_DOCUMENTS_ONLY is %q, but must be true or false", v.TrustedOnly)
	}
	if c.TrustedOnly && len(c.TrustedDocuments) == 0 {
		return errors.New("TRUSTED_DOCUMENTS_ONLY needs TRUSTED_DOCUMENTS, the files with the documents")
	}
	return nil
}

// checkPages sets what shows the API to people: the playground and introspection.
func checkPages(c *Config, v variables) (err error) {
	if c.Playground, err = onOff("PLAYGROUND", v.Playground, c.Development); err != nil {
		return err
	}
	c.Introspection, err = onOff("INTROSPECTION", v.Introspection, c.Development || !c.TrustedOnly)
	return err
}

// onOff reads on or off. An empty value is the default.
func onOff(name, value string, otherwise bool) (bool, error) {
	switch value {
	case "":
		return otherwise, nil
	case "on", "off":
		return value == "on", nil
	}
	return false, fmt.Errorf("%s is %q, but must be on or off", name, value)
}
