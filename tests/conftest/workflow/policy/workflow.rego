package workflow

uses contains use if {
	some job, body in input.jobs
	some number, step in body.steps
	use := {"job": job, "step": number, "what": step.uses}
}

deny contains msg if {
	some use in uses
	regex.match(`@(main|master)$`, use.what)
	msg := sprintf("step %d of %s follows a branch: %s", [use.step, use.job, use.what])
}

violation_permissions contains {"msg": msg, "jobs": jobs} if {
	jobs := [job | some job, body in input.jobs; not body.permissions; not input.permissions]
	count(jobs) > 0
	msg := "jobs have the permissions that the repository gives"
}

warn_timeout contains msg if {
	some job, body in input.jobs
	not body["timeout-minutes"]
	msg := sprintf("job %s may run for six hours", [job])
}

warn_trigger contains msg if {
	some trigger in input["true"]
	trigger == "pull_request_target"
	msg := "forks may run it with secrets"
}

warn_trigger contains msg if {
	some trigger in input.on
	trigger == "pull_request_target"
	msg := "forks may run it with secrets"
}
