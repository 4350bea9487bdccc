package main

import (
	"context"
	"net/http"
	"regexp"
)

// Route is one method and pattern of the service: `{name}` stands for one segment or a part of it, `{name...}` for the rest.
type Route struct {
	Method, Pattern string
	Handler         http.HandlerFunc
}

// Router tries its routes in their order, as the Python framework does. http.ServeMux refuses patterns of which neither
// is more specific than the other, and Python services have such patterns.
type Router struct {
	routes []Route
	paths  []*regexp.Regexp
}

type valuesKey struct{}

var wildcard = regexp.MustCompile(`\{[^{}]*\}`)

// NewRouter compiles the patterns. A pattern always compiles: its fixed parts are quoted.
func NewRouter(routes []Route) *Router {
	router := &Router{routes: routes}
	for _, route := range routes {
		expression, end := "^", 0
		for _, at := range wildcard.FindAllStringIndex(route.Pattern, -1) {
			expression += regexp.QuoteMeta(route.Pattern[end:at[0]])
			if name := route.Pattern[at[0]+1 : at[1]-1]; len(name) > 3 && name[len(name)-3:] == "..." {
				expression += "(.+)"
			} else {
				expression += "([^/]+)"
			}
			end = at[1]
		}
		router.paths = append(router.paths, regexp.MustCompile(expression+regexp.QuoteMeta(route.Pattern[end:])+"$"))
	}
	return router
}

func (router *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status := http.StatusNotFound
	for i, route := range router.routes {
		found := router.paths[i].FindStringSubmatch(r.URL.EscapedPath())
		if found == nil {
			continue
		}
		if route.Method != r.Method {
			status = http.StatusMethodNotAllowed
			continue
		}
		values := map[string]string{}
		for j, name := range wildcard.FindAllString(route.Pattern, -1) {
			values[name] = found[j+1]
		}
		route.Handler(w, r.WithContext(context.WithValue(r.Context(), valuesKey{}, values)))
		return
	}
	http.Error(w, http.StatusText(status), status)
}

// PathValue is what the request has where the pattern has the wildcard, written as in the pattern: PathValue(r, "{id}").
func PathValue(r *http.Request, wildcard string) string {
	values, _ := r.Context().Value(valuesKey{}).(map[string]string)
	return values[wildcard]
}
