export class Calendar {}
