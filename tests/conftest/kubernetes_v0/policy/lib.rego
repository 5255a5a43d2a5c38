package lib.kubernetes

deployment {
  input.kind == "Deployment"
}

images[image] {
  image := input.spec.template.spec.containers[_].image
}
