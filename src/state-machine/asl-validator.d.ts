// The package ships no types of its own.
declare module 'asl-validator' {
  function validate(definition: object): { isValid: boolean; errorsText: () => string };
  export = validate;
}
